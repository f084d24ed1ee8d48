//! An image reads back.

use crate::log_state::LogState;
use crate::log_state::log_state_test::{batch, log_of, with_source};

#[test]
fn an_image_reads_back_and_replays_what_is_above_its_as_of() {
    with_source(|source| {
        let mut log = log_of(source, &[(1, 1), (1, 2), (1, 3), (1, 5)]);
        log.open_mut().destaged = 512;
        log.open_mut().side_bytes = 64;
        let image = log.image(6, false);
        assert_eq!((image.as_of, image.tail.len()), (1, 0), "the second batch is cut by the mark");
        let mut back = LogState::of_image(&image, source).unwrap();
        assert_eq!(back.end(), 2);
        for (base, sequence) in [(0, 1), (2, 2), (4, 3), (6, 5)] {
            back.replay_append(source, base, 1, &batch(base, 1), sequence).unwrap();
        }
        assert_eq!((back.end(), back.open().len), (log.end(), log.open().len));
        let whole = log.image(6, true);
        assert_eq!(whole.as_of, 6);
        let back = LogState::of_image(&whole, source).unwrap();
        assert_eq!((back.end(), back.oldest_sequence()), (8, Some(0)));
        assert_eq!(back.image(6, false).tail, whole.tail, "only checkpoints hold it");
    });
}
