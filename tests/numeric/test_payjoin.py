"""PayJoins are seen by who knows the payee's scripts: against a plain loop, over chains of every shape."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from drawn_chain import Tx, drawn
from vigie.numeric.payjoin import payjoins
from vigie.steps.cospent import written


@st.composite
def chains(draw):
    """A chain of transactions that spend what came before, and which scripts are the case's own."""
    free, blocks, names = [], [], "abcdef"
    for n in range(draw(st.integers(1, 7))):
        spent = draw(st.lists(st.sampled_from(free), unique=True, max_size=3)) if free else []
        free = [one for one in free if one not in spent]
        paid = draw(st.lists(st.tuples(st.sampled_from(names), st.integers(1, 9)), min_size=1, max_size=3))
        blocks.append([Tx(f"t{n}", spent, paid)])
        free += [f"t{n}:{vout}" for vout in range(len(paid))]
    return drawn(*blocks), draw(st.lists(st.booleans(), min_size=40, max_size=40))


@settings(max_examples=60, deadline=None)
@given(drawn_=chains())
def test_they_spend_own_and_others_and_the_own_ones_get_more(drawn_):
    chain, mine = drawn_
    own = np.array(mine[: len(chain.script_type)])
    own[0] = False
    true = []
    for tx in range(len(chain.tx_flags)):
        spent = chain.prev(int(chain.tx_in[tx]), int(chain.tx_in[tx + 1])).tolist()
        made = range(int(chain.tx_out[tx]), int(chain.tx_out[tx + 1]))
        here = [one for one in spent if one < len(chain.out_script)]  # a first one spends nothing that is there
        gave = [int(chain.out_value[one]) for one in here if own[chain.out_script[one]]]
        got = [int(chain.out_value[one]) for one in made if own[chain.out_script[one]]]
        if gave and len(gave) < len(spent) and sum(got) > sum(gave):
            true.append(tx)
    outs = chain.outputs_of(np.flatnonzero(own).tolist())
    assert payjoins(written(chain), own, outs).tolist() == true
