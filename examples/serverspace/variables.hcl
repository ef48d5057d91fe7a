variable "location" {
  type        = string
  default     = "am2"
  description = "Where everything is; another place replaces everything."
}

variable "name" {
  type        = string
  default     = "web"
  description = "Name of the first server; it changes in place."
}

variable "image" {
  type        = string
  default     = "Ubuntu-22.04-X64"
  description = "Image of the first server; another one replaces the server, and its snapshot with it."
}

variable "cpu" {
  type        = number
  default     = 2
  description = "Processors of the first server and of the one of the VMware section; they change in place."
}

variable "boot_volume_size" {
  type        = number
  default     = 30720
  description = "Boot volume of the first server in MB; it grows in place."
}

variable "data_size" {
  type        = number
  default     = 20480
  description = "The volumes beside the servers, in MB; they grow in place."
}

variable "bandwidth" {
  type        = number
  default     = 50
  description = "Mbit/s of public interfaces and edges; it changes in place."
}

variable "db_address" {
  type        = string
  default     = "10.9.0.11"
  description = "Address of the database in the isolated network; another one replaces its interface."
}

variable "description" {
  type        = string
  default     = "databases"
  description = "Of the isolated network; it changes in place."
}

variable "tags" {
  type        = set(string)
  default     = ["shop"]
  description = "Tags of servers, networks and gateways; they change in place."
}

variable "snapshot" {
  type        = string
  default     = "before-upgrade"
  description = "Name of the snapshots; another one replaces them."
}

variable "backup_hour" {
  type        = number
  default     = 2
  description = "When backups are made; it changes in place."
}

variable "ttl" {
  type        = string
  default     = "1h"
  description = "How long the address is cached; it changes in place."
}

variable "mail_priority" {
  type        = number
  default     = 10
  description = "Priority of the mail server; it changes in place."
}

variable "kubernetes_version" {
  type        = string
  default     = "1.26.4"
  description = "It goes up in place."
}

variable "nodes" {
  type        = number
  default     = 1
  description = "Nodes of the cluster; they change in place."
}

variable "network_name" {
  type        = string
  default     = "routed"
  description = "Name of the routed network; it changes in place."
}

variable "port" {
  type        = string
  default     = "443"
  description = "Port that firewalls let through; it changes in place."
}

variable "mtu" {
  type        = number
  default     = 1400
  description = "Of the tunnel; it changes in place."
}

variable "shared_key" {
  type        = string
  default     = "Emulated0Key0For0Nobody0Whatsoever"
  sensitive   = true
  description = "Key of the tunnel. It is sent and never stored."
}

variable "public_key" {
  type        = string
  default     = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVhY2ggYnl0ZSBpcyBtYWRlIHVwIGZvciBhIHRl me@example.com"
  description = "Public key of whoever may log in. This one belongs to nobody."
}
