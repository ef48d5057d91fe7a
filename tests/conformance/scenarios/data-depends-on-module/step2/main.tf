module "m" {
  source = "./m"
  v = 1
}
data "terraform_remote_state" "e" {
  backend = "local"
  config = { path = "x.tfstate" }
  depends_on = [module.m]
}
data "terraform_remote_state" "f" {
  backend = "local"
  config = { path = module.m.p }
}
output "n" { value = [data.terraform_remote_state.e.outputs.n, data.terraform_remote_state.f.outputs.n] }
