//! What an operator is told of a disk that fills up.

use std::time::Duration;

use crate::scene::{Scene, batch, play, produce_request};

async fn produce(scene: &Scene) -> i16 {
    let bytes = batch(&["a"]);
    let request = produce_request("t", 0, bytes.len());
    let answer = scene.peer().await.ask_with(&request, 9, &[&bytes]).await;
    answer.responses[0].partition_responses[0].error_code
}

/// Each crossing of the reserve is one line, however many requests meet it.
#[test]
fn a_full_disk_is_told_once_and_so_is_its_end() {
    play(1, |scene| async move {
        scene.create("t", 1, &[]).await;
        assert_eq!(produce(&scene).await, 0);
        for _ in 0..2 {
            let before = scene.told().len();
            scene.disk.set_capacity(scene.disk.used() + (500 << 10));
            scene.core.sleep(Duration::from_secs(3)).await;
            for _ in 0..20 {
                assert_eq!(produce(&scene).await, 56);
            }
            scene.core.sleep(Duration::from_secs(10)).await;
            scene.disk.set_capacity(256 << 20);
            scene.core.sleep(Duration::from_secs(3)).await;
            assert_eq!(produce(&scene).await, 0);
            let told = scene.told();
            let told: Vec<String> = told[before..].iter().map(ToString::to_string).collect();
            assert_eq!(told.len(), 2, "{told:?}");
            assert!(told[0].starts_with("/data/shard-0: disk full"), "{told:?}");
            assert!(told[0].contains("512000 bytes free, the reserve is 1048576"), "{told:?}");
            assert!(told[1].contains("room on disk again"), "{told:?}");
        }
    });
}
