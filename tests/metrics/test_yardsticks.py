import keras_rgan as kr


def test_in_words():
    score = kr.metrics.Score((0.1, 0.3))
    found = kr.metrics.Yardsticks(score, score, None)
    assert str(found) == "score 0.200 ± 0.141, floor 0.200 ± 0.141"
