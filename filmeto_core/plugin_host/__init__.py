"""The plugin host: manifests, environments, processes, the wire, and `PluginManager` over them."""
