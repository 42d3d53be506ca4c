"""Walking in facts: what a query or a constraint reads, and which nodes a change can matter to.

paths       property paths, step by step
sparql      reading the text of a query that is asked for one node
functions   what SPARQL's functions are worth on the store
reads       patterns in groups: which nodes a change affects, which facts a look at a node reads
facts       the facts before and after a change, looked up node by node
distant     the facts of a store elsewhere
"""
