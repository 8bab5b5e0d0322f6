"""The curated table of people, organisations and places and the names they go by."""
