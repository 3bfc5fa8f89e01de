"""What a plugin's process runs first: `python launcher.py LIFELINE_FD MAIN_PY [NAME=VALUE ...]`.

All it does is `tether`'s: a script is compiled at every start, a module once.
"""

if __name__ == "__main__":
    import sys

    import tether

    del sys.modules["tether"]  # the plugin may have a module of that name
    tether.start(sys.argv)
