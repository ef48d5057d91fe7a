# What can be done with a machine.

action "cyberpanel_vps_start" {
  description = "Powers a machine on. Does nothing to one that runs."
  message     = "${response.name} is ${response.status}"
  attribute "vps_id" {
    type     = number
    required = true
  }
  request "start" {
    path       = "/vps/${self.vps_id}/start"
    idempotent = true
    permission = "vps:write"
  }
}

action "cyberpanel_vps_stop" {
  description = "Powers a machine off."
  message     = "${response.name} is ${response.status}"
  attribute "vps_id" {
    type     = number
    required = true
  }
  request "stop" {
    path       = "/vps/${self.vps_id}/stop"
    idempotent = true
    permission = "vps:write"
  }
}

action "cyberpanel_vps_restart" {
  description = "Restarts a machine."
  message     = "${response.name} is ${response.status}"
  attribute "vps_id" {
    type     = number
    required = true
  }
  request "restart" {
    path       = "/vps/${self.vps_id}/restart"
    permission = "vps:write"
  }
}

action "cyberpanel_vps_console" {
  description = "Makes an address of the machine's console, valid for a few minutes. Whoever has it has the console."
  message     = "${response.console_url} (valid for ${response.expires_in_seconds} s)"
  attribute "vps_id" {
    type     = number
    required = true
  }
  request "console" {
    method     = "GET"
    path       = "/vps/${self.vps_id}/console"
    permission = "vps:read"
  }
}
