"""The Pulumi program: one stack is one layer of one environment, and its name says which."""

import stacks

stacks.run()
