"""What to say, to whom, when; coverage; every page that shows both worlds."""
