module "b" {
  source = "./b"
  count  = 11
  n      = count.index
}
output "o" {
  value = module.b[*].o
  precondition {
    condition     = length(module.b) > 1
    error_message = "x"
  }
}
