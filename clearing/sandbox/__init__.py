"""An imitation of Light's accounts-payable API on the wire: own rules, own store, stdlib only.

It shares no code with the client, or it would share the client's mistakes.
"""
