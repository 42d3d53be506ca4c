"""Walking in facts: what a query or a constraint reads, and which nodes a change can matter to.

paths       property paths, step by step
sparql      reading the text of a query that is asked for one node
functions   what SPARQL's functions are worth on the store
reads       patterns in groups: which nodes a change affects, what a look at a node reads
targets     what a shape or a rule aims at
naming      small stores that name the nodes to ask of
facts       the facts before and after a change, looked up node by node
memory      triples in memory: what stands where, and all that can be reached
distant     the facts of a store elsewhere
"""
