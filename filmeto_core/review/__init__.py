"""The review of a film's stills: what is asked, what people answer, and where that is kept."""
