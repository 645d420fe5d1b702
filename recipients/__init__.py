"""People, pregnancies, children, visits, consent, administrative units and health facilities."""
