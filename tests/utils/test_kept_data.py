"""What is saved in one thread does not change what another one saves."""

import threading

from keras_rgan.utils import kept_data


def test_it_holds_inside_and_of_this_thread_alone():
    seen = []
    with kept_data.left_out():
        other = threading.Thread(target=lambda: seen.append(kept_data.is_left_out()))
        other.start()
        other.join()
        assert kept_data.is_left_out()
        with kept_data.left_out(False):
            assert not kept_data.is_left_out()
    assert seen == [False]
    assert not kept_data.is_left_out()
