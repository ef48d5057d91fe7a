# What can be done with the objects: loam invoke ADDRESS.

action "serverspace_server_power" "restart" {
  config {
    server_id = serverspace_server.web.id
    action    = "reboot"
  }
}

action "serverspace_snapshot_rollback" "undo" {
  config {
    server_id   = serverspace_server.web.id
    snapshot_id = serverspace_snapshot.before_upgrade.id
  }
}

action "serverspace_gateway_power" "restart" {
  config {
    gateway_id = serverspace_gateway.edge.id
    action     = "restart"
  }
}

action "serverspace_server_backup_now" "now" {
  config {
    server_id = serverspace_server.db.id
    name      = "now"
  }
}

action "serverspace_vmware_server_power" "restart" {
  config {
    server_id = serverspace_vmware_server.big.id
    action    = "reboot"
  }
}

action "serverspace_vmware_snapshot_restore" "undo" {
  config {
    server_id = serverspace_vmware_server.big.id
  }
}

action "serverspace_kubernetes_ingress" "web" {
  config {
    cluster_id    = serverspace_kubernetes_cluster.apps.id
    node_group_id = serverspace_kubernetes_cluster.apps.node_group[0].id
  }
}
