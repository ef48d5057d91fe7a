variable "v" { 
  type = number
  default = 2
  validation {
    condition = var.v == 1
    error_message = "bad"
  }
}
