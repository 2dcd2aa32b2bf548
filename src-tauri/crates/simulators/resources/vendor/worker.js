// The shared worker of the vendor's client: the release file alone does
// nothing in a worker, so its main function is called.
importScripts("/vendor/connect-streams.js");
connect.worker.main();
