//! What the handlers of groups share: asking a group's coordinator.
//!
//! Kept true: whatever keeps a coordinator from answering is a refusal that a client looks for
//! another coordinator after, or retries.

use std::rc::Rc;

use engine_base::Refusal;
use replication_shard::Node;
use replication_shard::groups::{GroupAnswer, GroupCommand};

use crate::handle::Client;

/// Asks the coordinator of the command's group.
pub(crate) async fn ask(node: &Node, command: GroupCommand) -> Result<GroupAnswer, Refusal> {
    if command.group().is_empty() && of_members(&command) {
        // Known without a coordinator, as to Kafka, which may not have one yet.
        return Err(Refusal::GroupIdInvalid);
    }
    let coordinator = node.coordinator(command.group())?;
    coordinator.ask(command).await
}

/// Whether it is of the classic members, who are in a group with a name.
fn of_members(command: &GroupCommand) -> bool {
    matches!(
        command,
        GroupCommand::Join(_)
            | GroupCommand::Sync(_)
            | GroupCommand::Heartbeat(_)
            | GroupCommand::Leave(_)
    )
}

/// An answer of another kind than its command asks for would be a broken coordinator.
pub(crate) fn other(answer: &GroupAnswer) -> ! {
    unreachable!("this command is not answered with {answer:?}")
}

/// A group's id as commands carry it.
pub(crate) fn id(group: &str) -> Rc<str> {
    Rc::from(group)
}

/// Where a client comes from, as Kafka prints it.
pub(crate) fn host(client: &Client) -> String {
    format!("/{}", client.peer.ip())
}
