"""What someone is typing in a form that they have not sent: kept as they type, theirs alone."""
