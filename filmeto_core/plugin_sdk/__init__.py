"""What the host puts on a plugin's PYTHONPATH: `filmeto_plugin`, standard library only."""
