//! `bobbin produce` and `bobbin consume` as they are typed.

use std::path::PathBuf;

use clap::Args;

use super::{BrokerArgs, ShapeArgs};
use crate::output::Shape;

/// `bobbin produce`.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = "Examples:
  echo hello | bobbin produce orders
  bobbin produce orders -K '\\t' -H source=import lines.tsv
  bobbin consume orders -e -f '%k\\t%v\\t%h\\n' | bobbin produce copy -f '%k\\t%v\\t%h\\n'
  bobbin produce blobs -k logo -D '' logo.png

Formats: %k key, %v value, %h headers as a=1,b=2, %h{%k=%v;} headers one by one, %p partition,
%T timestamp (milliseconds), %K %V lengths in bytes, as in %K{big32}%k%V{big32}%v;
{hex}, {base64} and {base64raw} decode; %t, %o and others are read over. \\n \\r \\t \\0 \\xHH.")]
pub(crate) struct ProduceArgs {
    /// The topic
    pub(crate) topic: String,
    /// Read from this file instead of standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// How a record is written in the input, in kcat's and rpk's words
    #[arg(short, long, value_name = "FORMAT", conflicts_with_all = ["key_delimiter", "delimiter"])]
    pub(crate) format: Option<String>,
    /// What separates key and value in a line; \t and such are understood
    #[arg(short = 'K', long, value_name = "TEXT")]
    pub(crate) key_delimiter: Option<String>,
    /// The key of every record
    #[arg(short, long, value_name = "KEY", conflicts_with = "key_delimiter")]
    pub(crate) key: Option<String>,
    /// What separates records; empty: the whole input is one record [default: \n]
    #[arg(short = 'D', long, value_name = "TEXT")]
    pub(crate) delimiter: Option<String>,
    /// The partition; without it keys decide as in Java's client
    #[arg(short, long, value_name = "N")]
    pub(crate) partition: Option<i32>,
    /// A header of every record; repeat for more
    #[arg(short = 'H', long, value_name = "NAME=VALUE")]
    pub(crate) header: Vec<String>,
    /// none, gzip, snappy, lz4 or zstd [default: none]
    #[arg(short = 'z', long, value_name = "CODEC")]
    pub(crate) compression: Option<String>,
    /// Who must have it before it counts: all (flushed by a majority), 1 or 0 (never know)
    /// [default: all]
    #[arg(long, value_name = "ACKS", allow_negative_numbers = true)]
    pub(crate) acks: Option<String>,
    /// An empty value is a tombstone, an empty key is none
    #[arg(short = 'Z', long)]
    pub(crate) null: bool,
    /// Say nothing when all went well
    #[arg(short, long)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) shape: ShapeArgs,
    #[command(flatten)]
    pub(crate) broker: BrokerArgs,
}

/// `bobbin consume`.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = "Examples:
  bobbin consume orders                          everything, and what comes
  bobbin consume orders -o end -f '%T %k=%v\\n'    from now on
  bobbin consume orders -o @-1h -e               the last hour, to the end as it is now
  bobbin consume orders -o -10 -e -o json        the last ten records of each partition
  bobbin consume orders -g billing               as a member of a group, committing what was printed

Formats: %t topic, %p partition, %o offset, %k key, %v value, %h headers, %h{%k=%v;} one by one,
%T timestamp (milliseconds; %T{rfc3339}), %K %V lengths, %e leader epoch, %i count, %x %y producer;
%v{hex}, %v{base64}, %K{big32}, ... \\n \\r \\t \\0 \\xHH. %% is a percent sign.")]
pub(crate) struct ConsumeArgs {
    /// The topics
    #[arg(required = true, value_name = "TOPIC")]
    pub(crate) topics: Vec<String>,
    /// Where to begin and stop: start, end, N, -N (before the end), +N (after the start), @TIME
    /// (@-1h, @2026-03-01), FROM:TO; or how to print: text, wide, json, yaml, jsonl
    /// [default: start]
    #[arg(short, value_name = "OFFSET|SHAPE", allow_hyphen_values = true)]
    pub(crate) o: Vec<String>,
    /// As -o OFFSET
    #[arg(long, value_name = "OFFSET", allow_hyphen_values = true)]
    pub(crate) offset: Option<String>,
    /// As -o SHAPE
    #[arg(long, value_enum, value_name = "SHAPE", hide_possible_values = true)]
    pub(crate) output: Option<Shape>,
    /// Only these partitions
    #[arg(short, long, value_name = "N", value_delimiter = ',', conflicts_with = "group")]
    pub(crate) partition: Vec<i32>,
    /// Read as a member of this group: go on where it stands (-o says where, if it never was
    /// there), commit what was printed every 5 s and at the end, share partitions with the others
    #[arg(short, long, value_name = "GROUP")]
    pub(crate) group: Option<String>,
    /// A name in the group that is kept over restarts (static membership)
    #[arg(long, value_name = "NAME", requires = "group")]
    pub(crate) instance: Option<String>,
    /// Stop after so many records
    #[arg(short = 'n', long, visible_short_alias = 'c', value_name = "COUNT")]
    pub(crate) count: Option<u64>,
    /// Stop at the end as it is now
    #[arg(short = 'e', long)]
    pub(crate) exit: bool,
    /// How to print a record, in kcat's and rpk's words: '%t[%p]@%o %k=%v\n' [default: '%v\n']
    #[arg(short, long, value_name = "FORMAT", conflicts_with = "output")]
    pub(crate) format: Option<String>,
    #[command(flatten)]
    pub(crate) broker: BrokerArgs,
}
