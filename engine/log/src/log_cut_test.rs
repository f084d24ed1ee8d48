//! Cuts into bytes that are in files.

use crate::entry::{Cut, CutSegment};
use crate::log_state::log_state_test::{batch, log_of, with_source};

#[test]
fn a_cut_into_files_goes_back_to_the_run_that_the_entry_names() {
    with_source(|source| {
        let mut log = log_of(source, &[(1, 1), (1, 2), (1, 3)]);
        let length = batch(0, 1).len() as u64;
        log.open_mut().destaged = 1024;
        log.open_mut().side_bytes = 128;
        assert!(log.cut_reaches_files(2) && log.cut_reaches_files(4) && !log.cut_reaches_files(6));
        let without = log.apply_truncate(source, 2, None, 4);
        assert!(without.is_err(), "its bytes must come with it");
        let bytes = &batch(0, 1)[..];
        let carried = CutSegment { base: 0, position: 0, cut: Cut::whole(0), bytes };
        log.apply_truncate(source, 2, Some(&carried), 4).unwrap();
        assert_eq!((log.end(), log.open().destaged, log.open().len), (2, 0, length));
        assert_eq!(log.oldest_sequence(), Some(4));
    });
}
