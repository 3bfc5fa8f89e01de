"""The folder of a new plugin, written from the templates beside this file."""
