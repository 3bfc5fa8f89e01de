"""Inputs become local files, files enter the content-addressed store, finished calls are kept."""
