"""A deterministic simulator: the real deciding core against a model of Light, in virtual time.

    python -m tests.simulation --seed 17            one schedule as a story
    python -m tests.simulation --schedules 1000000  many; --jobs 2 in two processes

Real: clearing.deciding, the client's mapping of answers to errors and outcomes (light.errors,
services.sending.calling), light.pace, light.address, the steps of clearing.workflow. Modelled:
Light with each open question as a switch, our database with its constraints, the workers' driver,
people, other users of Light, the network and the clocks.
"""
