"""What happens in the register that people are to be told of: the subjects of notices, and what finds them."""
