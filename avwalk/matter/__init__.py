"""Matter: what is born at hits, closed forms of (event, age, seed), drawn over the picture and carried by its world."""
