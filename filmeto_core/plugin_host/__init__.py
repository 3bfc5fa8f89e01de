"""Plugins: found by their manifests, run as processes of their own, spoken to over pipes."""
