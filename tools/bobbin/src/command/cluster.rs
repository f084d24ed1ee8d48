//! `bobbin cluster info`: the cluster's id, its nodes, and how much they hold.

use net_client::{Admin, Client};
use serde_json::json;

use super::with_client;
use crate::cli::ClusterCommand;
use crate::failure::Failure;
use crate::output::{Out, Shape};

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
    let mut out = Out::new();
    match shape {
        Shape::Json => {
            let nodes: Vec<serde_json::Value> = cluster
                .nodes
                .iter()
                .map(|n| {
                    json!({
                        "id": n.id, "host": n.address.host, "port": n.address.port,
                        "rack": n.rack, "controller": n.id == cluster.controller,
                        "leads": led(n.id), "keeps": kept(n.id),
                    })
                })
                .collect();
            out.json(&json!({
                "cluster": cluster.id, "controller": cluster.controller, "nodes": nodes,
                "topics": topics.len(), "partitions": partitions.clone().count(),
                "partitions_without_leader": without_leader,
            }))?;
        }
        Shape::Text => {
            out.line(&format!("cluster     {}", cluster.id))?;
            out.line(&format!("controller  {}", cluster.controller))?;
            let count = partitions.clone().count();
            out.line(&format!("topics      {} with {count} partitions", topics.len()))?;
            if without_leader > 0 {
                out.line(&format!("            {without_leader} partitions have no leader"))?;
            }
            out.line("")?;
            let rows: Vec<Vec<String>> = cluster
                .nodes
                .iter()
                .map(|n| {
                    vec![
                        n.id.to_string(),
                        n.address.to_string(),
                        n.rack.clone().unwrap_or_else(|| "-".into()),
                        led(n.id).to_string(),
                        kept(n.id).to_string(),
                    ]
                })
                .collect();
            out.table(&["NODE", "ADDRESS", "RACK", "LEADS", "KEEPS"], &rows)?;
        }
    }
    out.flush()
}
