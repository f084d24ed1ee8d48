//! Producer, consumer and admin for our tools, bench and tests.
