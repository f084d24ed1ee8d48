//! Cores, disks, sockets, time: one executor per core over io_uring or a simulated world.
