variable "name" {
  type        = string
  default     = "demo"
  description = "What the names begin with. Most objects are renamed in place."
}

variable "hostname" {
  type        = string
  default     = "web"
  description = "Another one replaces the device, and what is part of it."
}

variable "template" {
  type        = string
  default     = "Ubuntu 22.04"
  description = "Name of the template; another one replaces the device."
}

variable "memory" {
  type        = number
  default     = 4
  description = "GB; the device is stopped and started for it."
}

variable "disk_size" {
  type        = number
  default     = 20
  description = "GB; it grows in place and never shrinks."
}

variable "storage_size" {
  type        = number
  default     = 10
  description = "GB of the persistent storage; it grows in place and never shrinks."
}

variable "backup_plan" {
  type        = string
  default     = "Daily Backup"
  description = "Name of the backup plan; it changes in place."
}

variable "network_speed" {
  type        = number
  default     = 1000
  description = "MBit/s of the LAN, in place."
}

variable "port" {
  type        = number
  default     = 8443
  description = "Where the device listens: rules change in place."
}

variable "kubernetes_version" {
  type        = string
  default     = "1.29.10"
  description = "Upgraded in place."
}

variable "high_availability" {
  type        = bool
  default     = false
  description = "Of the cluster: switched on in place, never off."
}

variable "nodes" {
  type        = number
  default     = 2
  description = "Workers of the cluster, in place."
}

variable "ttl" {
  type        = number
  default     = 3600
  description = "Of DNS records, in place."
}

variable "storage_limit" {
  type        = number
  default     = 100
  description = "GB of object storage, in place."
}

variable "allowed_ips" {
  type        = set(string)
  default     = []
  description = "Where the bucket can be reached from, in place."
}

variable "last_name" {
  type        = string
  default     = "Example"
  description = "Of the user, in place."
}

variable "permissions" {
  type        = set(string)
  default     = ["allow_view_virtual_machines"]
  description = "Of the user, in place."
}

variable "password" {
  type        = string
  default     = "S3cret!pass"
  sensitive   = true
  description = "Of device and user. Another one replaces the device."
}

variable "public_key" {
  type        = string
  default     = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVhY2ggYnl0ZSBpcyBtYWRlIHVwIGZvciBhIHRl me@example.com"
  description = "The key that may log in to the device."
}
