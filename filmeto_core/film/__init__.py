"""The film itself: storyboard, timeline, subtitles, sound mix, render. No Prefect, no plugins."""
