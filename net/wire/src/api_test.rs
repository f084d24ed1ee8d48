//! The list is in order, and its headers are Kafka's.

use super::*;

#[test]
fn the_list_is_in_the_order_of_keys_and_found_by_them() {
    assert!(APIS.is_sorted_by_key(|api| api.described.key));
    for api in APIS {
        assert_eq!(find(api.described.key), Some(api));
    }
    assert_eq!(find(-1), None);
    assert_eq!(find(4), None, "LeaderAndIsr is gone");
}

#[test]
fn headers_are_flexible_with_their_messages_but_not_for_api_versions() {
    assert_eq!(metadata::API.request_header(8), 1);
    assert_eq!(metadata::API.request_header(9), 2);
    assert_eq!(metadata::API.response_header(8), 0);
    assert_eq!(metadata::API.response_header(9), 1);
    assert_eq!(api_versions::API.request_header(3), 2);
    assert_eq!(api_versions::API.request_header(99), 2, "a version nobody knows yet");
    assert_eq!(api_versions::API.response_header(3), 0);
}

#[test]
fn only_what_is_served_is_offered() {
    let offered = versions_response();
    let served = APIS.iter().filter(|api| api.served.is_some()).count();
    assert_eq!(offered.api_keys.len(), served);
    let own = offered.api_keys.iter().find(|api| api.api_key == api_versions::KEY);
    assert_eq!(own.map(|api| (api.min_version, api.max_version)), Some((0, 4)));
    assert!(find(api_versions::KEY).is_some_and(|api| api.handles(4) && !api.handles(5)));
}
