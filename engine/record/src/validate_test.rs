//! Streams are bounded, whole, and nothing behind them passes.


