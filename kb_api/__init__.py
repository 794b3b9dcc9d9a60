"""Store and answers: SPARQL, named questions, REST."""
