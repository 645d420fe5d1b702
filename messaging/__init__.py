"""A complete SMS gateway: numbers, texts, routes, providers, receipts, inbound messages, opt-outs."""
