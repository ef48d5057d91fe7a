variable "a" {
  default = 1
  sensitive = null
}
