//! `bobbin cluster info`: the cluster's id, its nodes, and how much they hold.

use net_client::{Admin, Client};
use serde_json::json;

use super::with_client;
use crate::cli::ClusterCommand;
use crate::failure::Failure;
use crate::listing::{self, Listing, or_dash};
use crate::output::Shape;

/// Runs the command.
pub(crate) fn run(command: ClusterCommand) -> Result<(), Failure> {
    let ClusterCommand::Info { shape, broker } = command;
    with_client(&broker, |client, _| async move { info(&client, shape.output).await })
}

async fn info(client: &Client, shape: Shape) -> Result<(), Failure> {
    let admin = Admin::new(client);
    let cluster = admin.describe_cluster().await?;
    let topics = admin.list_topics().await?;
    let partitions = topics.iter().flat_map(|t| &t.partitions);
    let led = |node: i32| partitions.clone().filter(|p| p.leader == node).count();
    let kept = |node: i32| partitions.clone().filter(|p| p.replicas.contains(&node)).count();
    let without_leader = led(-1);
    let count = partitions.clone().count();
    let mut nodes = Listing::new(&["NODE", "ADDRESS", "RACK", "LEADS", "KEEPS"]);
    for n in &cluster.nodes {
        let cells = vec![
            n.id.to_string(),
            n.address.to_string(),
            or_dash(n.rack.as_deref()),
            led(n.id).to_string(),
            kept(n.id).to_string(),
        ];
        let value = json!({
            "id": n.id, "host": n.address.host, "port": n.address.port,
            "rack": n.rack, "controller": n.id == cluster.controller,
            "leads": led(n.id), "keeps": kept(n.id),
        });
        nodes.push(cells, value);
    }
    let head = [
        format!("cluster     {}", cluster.id),
        format!("controller  {}", cluster.controller),
        format!("topics      {} with {count} partitions", topics.len()),
    ];
    let mut value = json!({
        "cluster": cluster.id, "controller": cluster.controller,
        "topics": topics.len(), "partitions": count,
        "partitions_without_leader": without_leader,
    });
    value["nodes"] = nodes.values().into();
    listing::document(shape, &value, |out, wide| {
        head.iter().try_for_each(|line| out.line(line))?;
        if without_leader > 0 {
            out.line(&format!("            {without_leader} partitions have no leader"))?;
        }
        out.line("")?;
        nodes.table(out, wide)
    })
}
