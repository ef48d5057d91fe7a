# What can be done with a machine, and with a mailbox.

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

action "xessone_email_password" {
  description = "Sets a mailbox's password."
  message     = "the password has been changed"
  attribute "email_id" {
    type     = string
    required = true
  }
  attribute "password" {
    type       = string
    required   = true
    sensitive  = true
    write_only = true
    validate {
      condition = length(value) >= 8 && length(value) <= 128
      message   = "The password needs 8 to 128 characters."
    }
  }
  request "password" {
    method     = "PATCH"
    path       = "/email/${self.email_id}/password"
    idempotent = true
    body       = { password = self.password }
  }
}
