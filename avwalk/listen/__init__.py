"""What is said or chatted becomes pictures."""
