"""Lists as people keep them: columns, rows on a page, views under a name, what a list opens with."""
