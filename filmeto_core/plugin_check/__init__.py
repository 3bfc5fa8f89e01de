"""For plugin authors: the conformance kit, the shell that speaks the wire by hand, trial calls."""
