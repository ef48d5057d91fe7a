variable "a" {
  default = 1
  nullable = null
}
