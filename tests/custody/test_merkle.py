from hashlib import sha256

import pytest

from vigie.kernel import merkle

MOST = 130
LEAVES = [merkle.leaf_hash(str(number).encode()) for number in range(301)]


def definition(leaves):
    """MTH of RFC 6962 section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + definition(leaves[:k]) + definition(leaves[k:])).digest()


@pytest.fixture(scope="module")
def tree():
    out = merkle.Tree()
    for leaf in LEAVES:
        out.append(leaf)
    return out


@pytest.fixture(scope="module")
def roots():
    return [definition(LEAVES[:size]) for size in range(len(LEAVES) + 1)]


def test_vectors():
    assert merkle.EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    frontier = merkle.Frontier()
    assert frontier.root() == merkle.EMPTY_ROOT
    for entry in (b"a", b"b", b"c"):
        frontier.append(merkle.leaf_hash(entry))
    assert frontier.root().hex() == "36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1"


def test_growing_roots_are_those_of_the_definition(tree, roots):
    frontier = merkle.Frontier()
    for size in range(301):
        assert frontier.root() == roots[size] == tree.root(size)
        frontier.append(LEAVES[size])


def test_every_inclusion_proof_holds_and_only_where_it_belongs(tree, roots):
    for size in range(1, MOST + 1):
        for index in range(size):
            path = tree.inclusion(index, size)
            leaf = LEAVES[index]
            assert merkle.includes(roots[size], size, index, leaf, path)
            assert not merkle.includes(roots[size], size, index, LEAVES[index + 1], path)
            assert not merkle.includes(roots[size + 1], size, index, leaf, path)
            assert not merkle.includes(roots[size], size, index + 1, leaf, path)
            assert not merkle.includes(roots[size], size, index, leaf, [*path, leaf])
            if path:
                assert not merkle.includes(roots[size], size, index, leaf, path[:-1])
                assert not merkle.includes(roots[size], size, index ^ 1, leaf, path)
            if len(path) > 1:
                assert not merkle.includes(roots[size], size, index, leaf, [path[1], path[0], *path[2:]])


def test_an_inclusion_proof_for_a_size_that_asks_for_another_path_is_refused(tree, roots):
    for size in range(1, MOST + 1):
        for index in range(size):
            path = tree.inclusion(index, size)
            for other in {size // 2, size * 2, size * 4} - {size}:
                if index < other and len(tree.inclusion(index, min(other, 300))) != len(path):
                    assert not merkle.includes(roots[size], min(other, 300), index, LEAVES[index], path)


def test_every_consistency_proof_holds_and_only_where_it_belongs(tree, roots):
    for size in range(MOST + 1):
        for old in range(size + 1):
            path = tree.consistency(old, size)
            assert merkle.extends(roots[old], old, roots[size], size, path)
            assert not merkle.extends(roots[old + 1], old, roots[size], size, path)
            if old:  # the empty tree is the beginning of every tree
                assert not merkle.extends(roots[old], old, roots[size + 1], size, path)
            assert not merkle.extends(roots[old], old, roots[size], size, [*path, LEAVES[0]])
            assert not merkle.extends(roots[old], size + 1, roots[size], size, path)
            if path:
                assert not merkle.extends(roots[old], old, roots[size], size, path[:-1])
            if len(path) > 1:
                assert not merkle.extends(roots[old], old, roots[size], size, [path[1], path[0], *path[2:]])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0), (0, 302)])
def test_no_proof_for_a_leaf_that_is_not_there(tree, index, size):
    with pytest.raises(ValueError, match=str(size)):
        tree.inclusion(index, size)
