# What can be done with a machine.

action "xessone_vps_restart" {
  description = "Restarts a virtual server and waits until it runs again."
  message     = "restarted"
  attribute "vps_id" {
    type     = string
    required = true
  }
  request "restart" {
    path = "/vps/${self.vps_id}/restart"
  }
  wait "restarting" {
    path     = "/vps/${self.vps_id}"
    interval = "5s"
    timeout  = "10m"
    done     = response.status == "active"
    failed   = !contains(["restarting", "active"], response.status)
    reason   = "the status is ${response.status}"
    progress = response.status
  }
}
