"""Changes of the spine: items, updates, evidence, milestones. Every door comes through here."""
