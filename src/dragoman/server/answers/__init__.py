"""What workers answer: the SPARQL protocols, questions, things, the editor, checking, the desk.

Each handler is a plain function from what is served and a request to a response; `routes` says
which path is whose.
"""
