"""What this floor tells the floors above, which it does not know: they listen and move their own rows."""

from django.dispatch import Signal

# Sent by services.merge_themes inside its transaction, with source, target (themes) and by (who merges).
theme_merged = Signal()
