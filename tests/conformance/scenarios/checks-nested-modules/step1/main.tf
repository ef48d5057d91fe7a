module "a" {
  source = "./a"
}
output "x" {
  value = module.a.o
  precondition {
    condition     = module.a.o != null
    error_message = "x"
  }
}
