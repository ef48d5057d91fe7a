variable "tok" { type = string }
